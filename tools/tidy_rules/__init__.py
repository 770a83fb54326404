"""The rules of tools/tidy.py, one module per subject. ALL_RULES is what runs, in this order."""

from . import coroutines, house, includes, language, pages, rooms, sizes

ALL_RULES = (*includes.RULES, *rooms.RULES, *sizes.RULES, *coroutines.RULES, *language.RULES, *house.RULES, *pages.RULES)
