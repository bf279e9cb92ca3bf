local os = require('os')
obj.at = os.date('!%Y-%m-%dT%XZ')
return {{operation = 'patch', resource = obj}}
