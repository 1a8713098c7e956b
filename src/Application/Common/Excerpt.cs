namespace DataPipeline.Application.Common;

/// <summary>The beginning of a text that may be long.</summary>
public static class Excerpt
{
    /// <param name="length">How many characters are shown at most, without the mark that there were more; 2 or more.</param>
    public static string Of(string text, int length) =>
        text.Length <= length ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)}…";
}
