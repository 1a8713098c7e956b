using System.Text.RegularExpressions;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>A regular expression of ECMA-262, in its Unicode mode, that is matched in time linear to the text. Thread-safe.</summary>
internal sealed class EcmaPattern
{
    /// <summary>The longest pattern that is taken, in characters.</summary>
    private const int MaxLength = 10_000;

    private readonly Regex _regex;
    private readonly AstralClasses _classes;

    private EcmaPattern(Regex regex, AstralClasses classes) => (_regex, _classes) = (regex, classes);

    /// <param name="source">The regular expression, matching anywhere in the text.</param>
    /// <param name="error">Why there is none, as a sentence.</param>
    internal static EcmaPattern? Compile(string source, out string error)
    {
        if (source.Length > MaxLength)
        {
            error = $"The pattern has more than {MaxLength} characters.";
            return null;
        }

        error = "";
        try
        {
            var pattern = EcmaPatternParser.Translate(source, out var classes);
            if (LinearRegex.TryCreate(pattern, RegexOptions.None, out var regex, out var fault)) return new EcmaPattern(regex, classes);
            error = fault;
        }
        catch (FormatException e)
        {
            error = $"The pattern is refused: {e.Message}";
        }
        catch (NotSupportedException)
        {
            error = LinearRegex.TooLarge;
        }

        return null;
    }

    /// <param name="text">The text, without halves of surrogate pairs. Is changed.</param>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    internal bool IsMatch(Span<char> text) => _regex.IsMatch(text[.._classes.Replace(text)]);
}
