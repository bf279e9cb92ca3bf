local t = {1, 1, 1, 1} for i = 26, 0, -1 do t[5 * 2^i] = 1 end table.insert(t, 1, 0)
