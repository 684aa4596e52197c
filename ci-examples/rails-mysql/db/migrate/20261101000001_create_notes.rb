class CreateNotes < ActiveRecord::Migration[6.1]
  def up
    create_table :notes do |table|
      table.string :author, null: false
      table.string :words, null: false
    end
    execute "INSERT INTO notes (author, words) VALUES ('migration 1', 'Ça marche')"
  end

  def down
    drop_table :notes
  end
end
