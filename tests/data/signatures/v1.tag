object 9fb73b08a98a0a3168915345fdcdf89ede185b2a
type commit
tag v1
tagger Alice <alice@example.com> 1577900008 +0000

version one
-----BEGIN PGP SIGNATURE-----

iIgEABYIADAWIQSG0FZbuJP4uu5YvOT7PssToIhpQgUCXg0ygBIcYWxpY2VAZXhh
bXBsZS5jb20ACgkQ+z7LE6CIaUKA4AEA7K/2LOSlq6CwPOR1WYhtwCpn5Gj/ZsYf
u5DKYvJn8tYA/RKkSnlec9yJjqbVUYm5EDEvqe54IHkVqdyBoBkShgkC
=ff9P
-----END PGP SIGNATURE-----
