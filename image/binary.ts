// What the binary starts with. The first import comes before everything else: Node itself already has the job's settings.
import './clean-start.ts';
import '../src/main.ts';
