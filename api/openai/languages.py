"""Languages as OpenAI's verbose answers call them."""

from __future__ import annotations

_NAMES = (
    "af afrikaans,am amharic,ar arabic,as assamese,az azerbaijani,ba bashkir,be belarusian,bg bulgarian,bn bengali,"
    "bo tibetan,br breton,bs bosnian,ca catalan,cs czech,cy welsh,da danish,de german,el greek,en english,es spanish,"
    "et estonian,eu basque,fa persian,fi finnish,fo faroese,fr french,gl galician,gu gujarati,ha hausa,haw hawaiian,"
    "he hebrew,hi hindi,hr croatian,ht haitian creole,hu hungarian,hy armenian,id indonesian,is icelandic,it italian,"
    "ja japanese,jw javanese,ka georgian,kk kazakh,km khmer,kn kannada,ko korean,la latin,lb luxembourgish,ln lingala,"
    "lo lao,lt lithuanian,lv latvian,mg malagasy,mi maori,mk macedonian,ml malayalam,mn mongolian,mr marathi,ms malay,"
    "mt maltese,my myanmar,ne nepali,nl dutch,nn nynorsk,no norwegian,oc occitan,pa punjabi,pl polish,ps pashto,"
    "pt portuguese,ro romanian,ru russian,sa sanskrit,sd sindhi,si sinhala,sk slovak,sl slovenian,sn shona,so somali,"
    "sq albanian,sr serbian,su sundanese,sv swedish,sw swahili,ta tamil,te telugu,tg tajik,th thai,tk turkmen,"
    "tl tagalog,tr turkish,tt tatar,uk ukrainian,ur urdu,uz uzbek,vi vietnamese,yi yiddish,yo yoruba,yue cantonese,"
    "zh chinese"
)
NAMES: dict[str, str] = dict(entry.split(" ", 1) for entry in _NAMES.split(","))
_CODES = {name: code for code, name in NAMES.items()} | {"mandarin": "zh", "castilian": "es", "burmese": "my"}


def name_of(code: str | None) -> str:
    """Returns ``english`` for ``en``; what has no name keeps its code."""
    return NAMES.get(code or "", code or "")


def code_of(told: str) -> str:
    """Returns the code of a language given as a code (``en``, ``zh-CN``) or by its English name."""
    wanted = told.strip().lower()
    return _CODES.get(wanted) or wanted.replace("_", "-").partition("-")[0]
