using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace DataPipeline.Application.Processing;

/// <summary>Makes the regular expressions that configurations bring along: matched in a time linear to the text, and never for long.</summary>
public static class LinearRegex
{
    /// <summary>
    /// Linear in the text can still be slow: a large pattern on a text of a mebibyte takes most of a minute. But the first match of a large pattern takes
    /// some 50 ms of a processor, and that may be a second on a busy machine: it must not fail a record that all others like it pass.
    /// </summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(5);

    internal const string TooLarge = "The pattern is too large: its repetitions or character classes multiply to more than can be matched in linear time.";

    private const int ShownLength = 40;

    /// <summary>Makes a regular expression that does not care about the culture.</summary>
    /// <param name="pattern">The pattern, in .NET's syntax.</param>
    /// <param name="options">More options, for example <see cref="RegexOptions.Multiline"/>.</param>
    /// <param name="regex">The regular expression, thread-safe; its methods throw <see cref="RegexMatchTimeoutException"/> where a match takes longer than five seconds.</param>
    /// <param name="error">One sentence that says what is wrong with the pattern.</param>
    /// <returns>Whether it is a pattern that can be matched so.</returns>
    public static bool TryCreate(string pattern, RegexOptions options, [NotNullWhen(true)] out Regex? regex, [NotNullWhen(false)] out string? error)
    {
        (regex, error) = (null, null);
        try
        {
            regex = new Regex(pattern, options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (NotSupportedException e) when (e.Message.Contains("automata", StringComparison.Ordinal))
        {
            error = TooLarge;
        }
        catch (NotSupportedException e)
        {
            error = $"The pattern would need backtracking, which is not supported because its time has no bound: {Reason(e)}";
        }
        catch (RegexParseException e)
        {
            error = $"The pattern is no regular expression: {Reason(e)} It goes wrong behind \"{pattern.AsSpan(0, e.Offset)[Math.Max(0, e.Offset - ShownLength)..]}\".";
        }

        return error is null;
    }

    private static string Reason(NotSupportedException e) => e.Message.Replace("RegexOptions.NonBacktracking is not supported in conjunction with expressions containing: ", "it contains ", StringComparison.Ordinal);

    /// <summary>What the exception says behind the pattern and the place in it, which may be long.</summary>
    private static string Reason(RegexParseException e)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"' at offset {e.Offset}. ");
        return e.Message[(e.Message.LastIndexOf(place, StringComparison.Ordinal) + place.Length)..];
    }
}
