"""The predecessor's routes, answered to the letter, for programs that know no other.

Its registry was built with Restivus 0.8.12 on Meteor, its worker with Flask: where
status, header or body looks odd, it is theirs. New: a GET that changes something
wants a token, as an alias of the POST beside it; cookies count for nothing here.
"""
