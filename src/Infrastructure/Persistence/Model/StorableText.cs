using System.Text;

namespace DataPipeline.Infrastructure.Persistence.Model;

/// <summary>Text that quotes what a caller sent: PostgreSQL stores neither U+0000 nor half a surrogate pair.</summary>
internal static class StorableText
{
    internal static string Of(string text)
    {
        if (IsStorable(text)) return text;
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) safe.Append(rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString());
        return safe.ToString();
    }

    private static bool IsStorable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }
}
