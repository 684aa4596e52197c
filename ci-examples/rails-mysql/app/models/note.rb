class Note < ActiveRecord::Base
  validates :words, presence: true
end
