using System.Collections.Frozen;
using System.Net;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("htmlStrip", "1.0", Description = "Takes the tags out of HTML and decodes its entities; block tags become line feeds.", IsAtomic = true)]
[Example("""{ "type": "htmlStrip", "options": { "field": "body", "targetField": "text" } }""", Record = """{ "body": "<p>Hello <b>Ada</b> &amp; friends</p>" }""")]
internal sealed class HtmlStripProcessor(FieldOptions options) : TextProcessor(options)
{
    /// <summary>The elements that stand within a line; all others, those that HTML does not know too, make a line of their own.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Inline = new[]
    {
        "a", "abbr", "acronym", "b", "basefont", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "input", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby",
        "s", "samp", "select", "small", "span", "strike", "strong", "sub", "sup", "textarea", "time", "tt", "u", "var", "wbr",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var html = text.GetString();
        if (html.AsSpan().ContainsAny('<', '&')) text = RecordValue.From(Strip(html));
        return ProcessorResult.Continue;
    }

    private static string Strip(string html)
    {
        var text = new StringBuilder(html.Length);
        var rest = html.AsSpan();
        while (rest.IndexOf('<') is >= 0 and var at)
        {
            var markup = rest[at..];
            var length = LengthOfMarkup(markup);
            if (length == 0)
            {
                // A sign that opens nothing.
                AppendDecoded(text, rest[..(at + 1)]);
                rest = rest[(at + 1)..];
                continue;
            }

            AppendDecoded(text, rest[..at]);
            if (IsCharacterData(markup)) text.Append(ContentsOf(markup[..length]));
            else if (NameOf(markup) is { IsEmpty: false } name && !Inline.Contains(name)) text.Append('\n');
            rest = markup[length..];
        }

        AppendDecoded(text, rest);
        return text.ToString();
    }

    private static void AppendDecoded(StringBuilder text, ReadOnlySpan<char> html)
    {
        if (html.Contains('&')) text.Append(WebUtility.HtmlDecode(html.ToString()));
        else text.Append(html);
    }

    /// <param name="html">Begins with <c>&lt;</c>.</param>
    /// <returns>The length of the tag, comment, declaration, instruction, or script or style with its contents; 0 where none begins. What does not end takes all of the text, but for a tag, which is none then.</returns>
    private static int LengthOfMarkup(ReadOnlySpan<char> html)
    {
        if (html.StartsWith("<!--")) return Through(html, "-->", 4);
        if (IsCharacterData(html)) return Through(html, "]]>", 9);
        if (html is ['<', '!' or '?', ..]) return html[1..].IndexOfAny('<', '>') is >= 0 and var end && html[end + 1] == '>' ? end + 2 : 0;
        var name = NameOf(html);
        var length = name.IsEmpty ? 0 : LengthOfTag(html);
        if (length == 0 || html[1] == '/') return length;
        if (name.Equals("script", StringComparison.OrdinalIgnoreCase)) return ThroughEndTag(html, "</script", length);
        return name.Equals("style", StringComparison.OrdinalIgnoreCase) ? ThroughEndTag(html, "</style", length) : length;
    }

    private static bool IsCharacterData(ReadOnlySpan<char> html) => html.StartsWith("<![CDATA[");

    private static ReadOnlySpan<char> ContentsOf(ReadOnlySpan<char> characterData)
    {
        var contents = characterData["<![CDATA[".Length..];
        return contents.EndsWith("]]>") ? contents[..^3] : contents;
    }

    /// <summary>The name of the element that a tag begins or ends; empty for everything else.</summary>
    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> html)
    {
        var name = html is ['<', '/', ..] ? html[2..] : html[1..];
        if (name.IsEmpty || !char.IsAsciiLetter(name[0])) return default;
        var length = 1;
        while (length < name.Length && (char.IsLetterOrDigit(name[length]) || name[length] is '-' or '.' or ':' or '_')) length++;
        return name[..length];
    }

    /// <returns>0 where another tag begins before this one has ended.</returns>
    private static int LengthOfTag(ReadOnlySpan<char> html)
    {
        for (var at = 1; at < html.Length; at++)
        {
            switch (html[at])
            {
                case '>':
                    return at + 1;
                case '<':
                    return 0;
                case '=':
                    at += LengthOfQuotedValue(html[(at + 1)..]);
                    break;
            }
        }

        return 0;
    }

    /// <returns>The length of the spaces and the value in quotes that the text begins with; 0 where it begins otherwise.</returns>
    private static int LengthOfQuotedValue(ReadOnlySpan<char> html)
    {
        var value = html.TrimStart();
        if (value is not ['"' or '\'', ..]) return 0;
        var end = value[1..].IndexOf(value[0]);
        return end < 0 ? 0 : html.Length - value.Length + end + 2;
    }

    private static int Through(ReadOnlySpan<char> html, ReadOnlySpan<char> end, int start) => html[start..].IndexOf(end) is >= 0 and var at ? start + at + end.Length : html.Length;

    private static int ThroughEndTag(ReadOnlySpan<char> html, ReadOnlySpan<char> endTag, int start)
    {
        var at = html[start..].IndexOf(endTag, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? html.Length : Through(html, ">", start + at);
    }
}
