namespace DataPipeline.Domain.Processing;

/// <summary>Something that is wrong with a set of options.</summary>
/// <param name="Option">The option's name as configurations write it, with the path into it where it helps: <c>formats[1]</c>.</param>
/// <param name="Code">Stable, upper-case code, for example <c>INVALID_VALUE</c>.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record OptionProblem(string Option, string Code, string Message);

/// <summary>
/// Options that have rules beyond what their types say. An options record is a class with properties that can be initialised: the configuration's
/// option <c>targetField</c> is the property <c>TargetField</c>, a <c>required</c> property is a required option, the value of an initialiser is the default. Types of options:
/// <see cref="string"/>, <see cref="bool"/>, <see cref="int"/>, <see cref="long"/>, <see cref="double"/>, enumerations (written in camelCase),
/// <see cref="FieldPath"/>, <see cref="Template"/>, <see cref="ValueTemplate"/>, <see cref="RecordValue"/> (any JSON),
/// <see cref="System.Text.RegularExpressions.Regex"/> (linear-time), and lists and dictionaries (by <see cref="string"/>) of these.
/// <see cref="System.ComponentModel.DescriptionAttribute"/> describes an option to people, <see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/> bounds a number.
/// </summary>
public interface IValidatedOptions
{
    /// <summary>What is wrong; nothing where the options are right. Called once, before the processor is made, when each option alone is right.</summary>
    IEnumerable<OptionProblem> Validate();
}

/// <summary>
/// Marks an option that is written but never shown: a <see cref="string"/>, or a dictionary of which every value is. Answers show <c>"***"</c> in its place, and a
/// change that sends <c>"***"</c> keeps what was there, so that <c>"***"</c> itself is no value it can have. Messages of <see cref="IValidatedOptions"/> must not repeat it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>Marks a list of options for which one value may stand without brackets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOrManyAttribute : Attribute;

/// <summary>Marks an option whose text is taken as it is: two braces in it are no template, and are not refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class VerbatimAttribute : Attribute;

/// <summary>Marks an option for which <c>null</c> is a value like any other, not the same as none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NullIsValueAttribute : Attribute;
