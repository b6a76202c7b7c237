"""The languages that Whisper writes, in the order in which the list shows them: those of most offices first."""

from __future__ import annotations

AUTOMATIC = "auto"
CODES: tuple[str, ...] = (
    "zh", "yue", "en", "ja", "ko", "fr", "de", "es", "ru", "pt", "it", "ar", "hi", "vi", "th", "id", "ms",
    "af", "sq", "am", "hy", "as", "az", "ba", "eu", "be", "bn", "bs", "br", "bg", "my", "ca", "hr", "cs",
    "da", "nl", "et", "fo", "fi", "gl", "ka", "el", "gu", "ht", "ha", "haw", "he", "hu", "is", "jw", "kn",
    "kk", "km", "lo", "la", "lv", "ln", "lt", "lb", "mk", "mg", "ml", "mt", "mr", "mn", "mi", "ne", "no",
    "nn", "oc", "ps", "fa", "pl", "pa", "ro", "sa", "sr", "sn", "sd", "si", "sk", "sl", "so", "su", "sw",
    "sv", "tl", "tg", "ta", "tt", "te", "bo", "tr", "tk", "uk", "ur", "uz", "cy", "yi", "yo",
)  # fmt: skip
