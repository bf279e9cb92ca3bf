object 9fb73b08a98a0a3168915345fdcdf89ede185b2a
type commit
tag v2
tagger Alice <alice@example.com> 1577900008 +0000

version two
