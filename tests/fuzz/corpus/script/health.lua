hs = {}
if obj.status ~= nil then hs.status = obj.status.phase else hs.status = 'Progressing' end
return hs
