return ('a-b'):gsub('(%w)%-(%w)', '%2-%1')
