using System.Net;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("htmlStrip", "1.0", Description = "Takes the tags out of HTML and decodes its entities; block tags become line feeds.", IsAtomic = true)]
[Example("""{ "type": "htmlStrip", "options": { "field": "body", "targetField": "text" } }""", Record = """{ "body": "<p>Hello <b>Ada</b> &amp; friends</p>" }""")]
internal sealed class HtmlStripProcessor(FieldOptions options) : TextProcessor(options)
{
    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "menu", "nav", "noscript", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
        "thead", "tr", "ul",
    };

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var html = text.GetString();
        if (html.AsSpan().ContainsAny('<', '&')) text = RecordValue.From(Strip(html));
        return ProcessorResult.Continue;
    }

    private static string Strip(string html)
    {
        var text = new StringBuilder(html.Length);
        var start = 0;
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0; at = html.IndexOf('<', at))
        {
            var end = EndOfMarkup(html, at, out var name);
            if (end < 0)
            {
                at++;
                continue;
            }

            text.Append(WebUtility.HtmlDecode(html[start..at]));
            if (Blocks.Contains(name)) text.Append('\n');
            if (html[at + 1] != '/' && (name.Equals("script", StringComparison.OrdinalIgnoreCase) || name.Equals("style", StringComparison.OrdinalIgnoreCase)))
            {
                var close = html.IndexOf($"</{name}", end, StringComparison.OrdinalIgnoreCase);
                if (close >= 0) end = close;
            }

            start = at = end;
        }

        return text.Append(WebUtility.HtmlDecode(html[start..])).ToString();
    }

    /// <returns>The index behind the tag, comment or declaration that begins at <paramref name="at"/>; -1 where none does.</returns>
    private static int EndOfMarkup(string html, int at, out string name)
    {
        name = "";
        var nameStart = at + 1;
        if (nameStart < html.Length && html[nameStart] == '/') nameStart++;
        if (nameStart >= html.Length) return -1;
        if (html.AsSpan(at).StartsWith("<!--"))
        {
            var close = html.IndexOf("-->", at + 4, StringComparison.Ordinal);
            return close < 0 ? -1 : close + 3;
        }

        if (!char.IsAsciiLetter(html[nameStart]) && html[nameStart] is not ('!' or '?')) return -1;
        var nameEnd = nameStart;
        while (nameEnd < html.Length && char.IsAsciiLetterOrDigit(html[nameEnd])) nameEnd++;
        name = html[nameStart..nameEnd];
        for (var i = nameEnd; i < html.Length; i++)
        {
            if (html[i] == '>') return i + 1;
            if (html[i] is not ('"' or '\'')) continue;
            i = html.IndexOf(html[i], i + 1);
            if (i < 0) return -1;
        }

        return -1;
    }
}
