ENV["RAILS_ENV"] = "test"
require_relative "../config/environment"
require "rails/test_help"

class NoteTest < ActionDispatch::IntegrationTest
  test "a note has words" do
    refute Note.new(author: "Ann").valid?
  end

  test "the page shows every note" do
    Note.create!(author: "Ann", words: "<hello>")
    get "/"
    assert_includes response.body, "<b>Ann</b>: &lt;hello&gt;"
  end
end
