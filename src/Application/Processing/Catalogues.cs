using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>A type of processor or destination that configurations may name. Immutable and thread-safe.</summary>
/// <param name="Type">What configurations call it.</param>
/// <param name="Version">Its version, for people.</param>
/// <param name="Description">What it does, in one sentence for people.</param>
/// <param name="OptionsType">Its options record, see <see cref="IValidatedOptions"/>.</param>
/// <param name="Create">Makes an instance from an options record.</param>
/// <param name="IsAtomic">See <see cref="ProcessorAttribute.IsAtomic"/>.</param>
public sealed partial record ComponentDescriptor(string Type, string Version, string Description, Type OptionsType, Func<object, object> Create, bool IsAtomic)
{
    private readonly Lazy<JsonElement> _optionsSchema = new(() => Processing.OptionsSchema.Of(OptionsType));

    /// <summary>How configurations name it; <c>null</c> where it shows none.</summary>
    public ComponentExample? Example { get; init; }

    /// <summary>The plugin it comes from; <c>null</c> for what comes with the service.</summary>
    public PluginIdentity? Plugin { get; init; }

    /// <summary>The JSON Schema of its options.</summary>
    /// <exception cref="NotSupportedException">An option is of a type that options cannot have.</exception>
    /// <exception cref="MissingMethodException">The options record cannot be made without arguments.</exception>
    public JsonElement OptionsSchema => _optionsSchema.Value;

    /// <summary>Describes a class that bears a <see cref="ProcessorAttribute"/> or a <see cref="DestinationAttribute"/>.</summary>
    /// <exception cref="ArgumentException">The class does not fulfil the contract; the message says why.</exception>
    /// <exception cref="JsonException">Its <see cref="ExampleAttribute"/> is not JSON.</exception>
    public static ComponentDescriptor Of(Type implementation)
    {
        if (implementation.IsAbstract || implementation.ContainsGenericParameters) throw new ArgumentException($"{implementation} is abstract or generic.", nameof(implementation));
        if (implementation.GetConstructors() is not [var constructor] || constructor.GetParameters() is not { Length: <= 1 } parameters)
            throw new ArgumentException($"{implementation} needs one public constructor, with its options as the one parameter or, where there are none, without.", nameof(implementation));
        var optionsType = parameters is [var parameter] ? parameter.ParameterType : typeof(NoOptions);
        var example = ComponentExample.Of(implementation.GetCustomAttribute<ExampleAttribute>());
        object Create(object options) => constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, parameters.Length == 0 ? [] : [options], null);
        if (implementation.GetCustomAttribute<ProcessorAttribute>() is { } processor)
        {
            if (!implementation.IsAssignableTo(typeof(IProcessor)) && !implementation.IsAssignableTo(typeof(IAsyncProcessor)))
                throw new ArgumentException($"{implementation} implements neither {nameof(IProcessor)} nor {nameof(IAsyncProcessor)}.", nameof(implementation));
            return new ComponentDescriptor(NameOf(processor.Type), processor.Version, processor.Description, optionsType, Create, processor.IsAtomic) { Example = example };
        }

        if (implementation.GetCustomAttribute<DestinationAttribute>() is not { } destination)
            throw new ArgumentException($"{implementation} bears neither {nameof(ProcessorAttribute)} nor {nameof(DestinationAttribute)}.", nameof(implementation));
        if (!implementation.IsAssignableTo(typeof(IDestination))) throw new ArgumentException($"{implementation} does not implement {nameof(IDestination)}.", nameof(implementation));
        return new ComponentDescriptor(NameOf(destination.Type), destination.Version, destination.Description, optionsType, Create, IsAtomic: false) { Example = example };

        string NameOf(string type) => TypeName().IsMatch(type) ? type : throw new ArgumentException($"{implementation} calls itself \"{type}\"; a type's name is a letter, then letters and digits.", nameof(implementation));
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*\\z")]
    private static partial Regex TypeName();
}

/// <summary>How a configuration names a type.</summary>
/// <param name="Configuration">The whole object: type, options and whatever else belongs to it.</param>
/// <param name="Record">A record to try it on; <c>null</c> where there is none to show.</param>
public sealed record ComponentExample(JsonElement Configuration, JsonElement? Record)
{
    /// <exception cref="JsonException">The example is not JSON.</exception>
    public static ComponentExample? Of(ExampleAttribute? example) =>
        example is null ? null : new(JsonElement.Parse(example.Configuration), example.Record is { } record ? JsonElement.Parse(record) : null);
}

/// <summary>The processor types there are. Thread-safe.</summary>
public interface IProcessorCatalog
{
    /// <summary>All types, by name.</summary>
    IReadOnlyDictionary<string, ComponentDescriptor> Types { get; }
}

/// <summary>The destination types there are besides <c>store</c>, which the commit of a chunk's work serves itself. Thread-safe.</summary>
public interface IDestinationCatalog
{
    /// <summary>The destination that has no class of its own.</summary>
    const string Store = "store";

    /// <summary>All types, by name.</summary>
    IReadOnlyDictionary<string, ComponentDescriptor> Types { get; }
}

/// <summary>The options of a type that has none.</summary>
public sealed record NoOptions;
