using System.Globalization;
using static System.Globalization.UnicodeCategory;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>The values of Unicode's General_Category by the names that ECMA-262 takes in <c>\p{…}</c>.</summary>
internal static class UnicodeProperties
{
    private static readonly Dictionary<string, UnicodeCategory[]> ByName = Name(
        ("L Letter", [UppercaseLetter, LowercaseLetter, TitlecaseLetter, ModifierLetter, OtherLetter]),
        ("LC Cased_Letter", [UppercaseLetter, LowercaseLetter, TitlecaseLetter]),
        ("Lu Uppercase_Letter", [UppercaseLetter]),
        ("Ll Lowercase_Letter", [LowercaseLetter]),
        ("Lt Titlecase_Letter", [TitlecaseLetter]),
        ("Lm Modifier_Letter", [ModifierLetter]),
        ("Lo Other_Letter", [OtherLetter]),
        ("M Mark Combining_Mark", [NonSpacingMark, SpacingCombiningMark, EnclosingMark]),
        ("Mn Nonspacing_Mark", [NonSpacingMark]),
        ("Mc Spacing_Mark", [SpacingCombiningMark]),
        ("Me Enclosing_Mark", [EnclosingMark]),
        ("N Number", [DecimalDigitNumber, LetterNumber, OtherNumber]),
        ("Nd Decimal_Number digit", [DecimalDigitNumber]),
        ("Nl Letter_Number", [LetterNumber]),
        ("No Other_Number", [OtherNumber]),
        ("P Punctuation punct", [ConnectorPunctuation, DashPunctuation, OpenPunctuation, ClosePunctuation, InitialQuotePunctuation, FinalQuotePunctuation, OtherPunctuation]),
        ("Pc Connector_Punctuation", [ConnectorPunctuation]),
        ("Pd Dash_Punctuation", [DashPunctuation]),
        ("Ps Open_Punctuation", [OpenPunctuation]),
        ("Pe Close_Punctuation", [ClosePunctuation]),
        ("Pi Initial_Punctuation", [InitialQuotePunctuation]),
        ("Pf Final_Punctuation", [FinalQuotePunctuation]),
        ("Po Other_Punctuation", [OtherPunctuation]),
        ("S Symbol", [MathSymbol, CurrencySymbol, ModifierSymbol, OtherSymbol]),
        ("Sm Math_Symbol", [MathSymbol]),
        ("Sc Currency_Symbol", [CurrencySymbol]),
        ("Sk Modifier_Symbol", [ModifierSymbol]),
        ("So Other_Symbol", [OtherSymbol]),
        ("Z Separator", [SpaceSeparator, LineSeparator, ParagraphSeparator]),
        ("Zs Space_Separator", [SpaceSeparator]),
        ("Zl Line_Separator", [LineSeparator]),
        ("Zp Paragraph_Separator", [ParagraphSeparator]),
        ("C Other", [Control, Format, Surrogate, PrivateUse, OtherNotAssigned]),
        ("Cc Control cntrl", [Control]),
        ("Cf Format", [Format]),
        ("Cs Surrogate", [Surrogate]),
        ("Co Private_Use", [PrivateUse]),
        ("Cn Unassigned", [OtherNotAssigned]));

    /// <param name="name">A short or long name, alone or after <c>General_Category=</c> or <c>gc=</c>.</param>
    internal static IReadOnlyList<UnicodeCategory>? Find(string name)
    {
        var equals = name.IndexOf('=');
        return equals >= 0 && name[..equals] is not ("General_Category" or "gc") ? null : ByName.GetValueOrDefault(name[(equals + 1)..]);
    }

    private static Dictionary<string, UnicodeCategory[]> Name(params ReadOnlySpan<(string Names, UnicodeCategory[] Categories)> rows)
    {
        var byName = new Dictionary<string, UnicodeCategory[]>(StringComparer.Ordinal);
        foreach (var (names, categories) in rows)
        {
            foreach (var name in names.Split(' ')) byName.Add(name, categories);
        }

        return byName;
    }
}
