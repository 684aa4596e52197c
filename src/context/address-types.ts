/** A value of the vault that contains the app's address, which only the host knows. */
export interface AddressValue {
  /** Its name in the vault. */
  readonly secret: string;
  /** Its place in the configuration file. */
  readonly where: string;
}

/** The address of an app that only its host knows. */
export interface PendingAddress {
  /** $APP_HOST, and $APP_URL if its scheme is known, with a stand-in for the host. */
  readonly variables: Readonly<Record<string, string>>;
  /** The values that contain it. */
  readonly values: AddressValue[];
}
