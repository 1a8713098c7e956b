using System.Reflection;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>A type of processor or destination that configurations may name. Immutable and thread-safe.</summary>
/// <param name="Type">What configurations call it.</param>
/// <param name="Version">Its version, for people.</param>
/// <param name="Description">What it does, in one sentence for people.</param>
/// <param name="OptionsType">Its options record, see <see cref="IValidatedOptions"/>.</param>
/// <param name="Create">Makes an instance from an options record.</param>
/// <param name="IsAtomic">See <see cref="ProcessorAttribute.IsAtomic"/>.</param>
public sealed record ComponentDescriptor(string Type, string Version, string Description, Type OptionsType, Func<object, object> Create, bool IsAtomic)
{
    /// <summary>Describes a class that bears a <see cref="ProcessorAttribute"/> or a <see cref="DestinationAttribute"/>.</summary>
    /// <exception cref="ArgumentException">The class does not fulfil the contract; the message says why.</exception>
    public static ComponentDescriptor Of(Type implementation)
    {
        if (implementation.GetConstructors() is not [var constructor] || constructor.GetParameters() is not { Length: <= 1 } parameters)
            throw new ArgumentException($"{implementation} needs one public constructor, with its options as the one parameter or, where there are none, without.", nameof(implementation));
        var optionsType = parameters is [var parameter] ? parameter.ParameterType : typeof(NoOptions);
        object Create(object options) => constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, parameters.Length == 0 ? [] : [options], null);
        if (implementation.GetCustomAttribute<ProcessorAttribute>() is { } processor)
        {
            if (!implementation.IsAssignableTo(typeof(IProcessor)) && !implementation.IsAssignableTo(typeof(IAsyncProcessor)))
                throw new ArgumentException($"{implementation} implements neither {nameof(IProcessor)} nor {nameof(IAsyncProcessor)}.", nameof(implementation));
            return new ComponentDescriptor(processor.Type, processor.Version, processor.Description, optionsType, Create, processor.IsAtomic);
        }

        if (implementation.GetCustomAttribute<DestinationAttribute>() is not { } destination)
            throw new ArgumentException($"{implementation} bears neither {nameof(ProcessorAttribute)} nor {nameof(DestinationAttribute)}.", nameof(implementation));
        if (!implementation.IsAssignableTo(typeof(IDestination))) throw new ArgumentException($"{implementation} does not implement {nameof(IDestination)}.", nameof(implementation));
        return new ComponentDescriptor(destination.Type, destination.Version, destination.Description, optionsType, Create, IsAtomic: false);
    }
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
    /// <summary>All types, by name.</summary>
    IReadOnlyDictionary<string, ComponentDescriptor> Types { get; }
}

/// <summary>The options of a type that has none.</summary>
public sealed record NoOptions;
