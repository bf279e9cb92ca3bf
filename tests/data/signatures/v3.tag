object d5ed2a500763bceb940c63919c35a7f8ed119c2c
type tag
tag v3
tagger Alice <alice@example.com> 1577900009 +0000

a tag of a tag
-----BEGIN PGP SIGNATURE-----

iIgEABYIADAWIQSG0FZbuJP4uu5YvOT7PssToIhpQgUCXg0ygBIcYWxpY2VAZXhh
bXBsZS5jb20ACgkQ+z7LE6CIaUIyhwD7BYKW+KcAL4LnHvoLt5X52bix10YtRorz
wfKhwuJX9doBAMH1L2fXm/SKJQjevqNj+GWrA/i7qSEsXpQ1x3VsDYoP
=qsk2
-----END PGP SIGNATURE-----
