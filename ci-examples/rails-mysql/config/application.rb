require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "rails/test_unit/railtie"

module Notebook
  class Application < Rails::Application
    config.load_defaults 6.1
    config.eager_load = Rails.env.production?
    config.logger = ActiveSupport::Logger.new($stdout)
    config.log_level = :info
    config.active_record.dump_schema_after_migration = false
    config.active_record.maintain_test_schema = false
  end
end
