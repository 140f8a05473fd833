"""How Django writes dates where a page does not say how: as everywhere else here."""
