using System.Text.RegularExpressions;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>A schema that references may name by its URI: the whole document, or a part of it that has an <c>$id</c>.</summary>
/// <param name="Uri">Absolute, without a fragment.</param>
/// <param name="Pointer">Where it stands: a JSON pointer from the root of the document.</param>
internal sealed record SchemaResource(Uri Uri, string Pointer);

/// <summary>
/// The references of one schema document, and what they may lead to: JSON Schema 2020-12, core, sections 8.2 and 9.2, but for what would have to be fetched.
/// Filled while the document is read; then <see cref="Resolve"/> ties the ends together.
/// </summary>
internal sealed partial class SchemaReferences
{
    /// <summary>The document itself, which has a URI of its own only where its root has an <c>$id</c>.</summary>
    internal static readonly SchemaResource Document = new(new Uri("https://schema.invalid/"), "");

    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<(SchemaResource Resource, string Name), SchemaNode> _anchors = [];
    private readonly List<Reference> _references = [];

    /// <param name="pointer">From the root of the document.</param>
    internal void Add(string pointer, SchemaNode node) => _nodes.TryAdd(pointer, node);

    /// <summary>Gives a schema its <c>$id</c>.</summary>
    /// <param name="outer">What the schema would belong to without it.</param>
    /// <param name="pointer">Where the schema stands.</param>
    /// <param name="error">What is wrong with the id, as a sentence, where there is no resource.</param>
    internal SchemaResource? Identify(SchemaResource outer, string id, string pointer, out string error)
    {
        error = "";
        var text = id.EndsWith('#') ? id[..^1] : id;
        if (text.Contains('#', StringComparison.Ordinal)) error = "$id must have no fragment; a part of a schema is named with $anchor.";
        else if (!Uri.TryCreate(outer.Uri, text, out var uri)) error = $"\"{id}\" is no URI.";
        else if (new SchemaResource(uri, pointer) is var resource && _resources.TryAdd(uri.AbsoluteUri, resource)) return resource;
        else error = $"Another schema has the $id \"{id}\" already.";
        return null;
    }

    /// <summary>Gives a schema its <c>$anchor</c>.</summary>
    /// <returns>What is wrong with the name, as a sentence, or <c>null</c>.</returns>
    internal string? Name(SchemaResource resource, string name, SchemaNode node)
    {
        if (!AnchorName().IsMatch(name)) return $"\"{name}\" is no name for an anchor: a letter or _, then letters, digits, -, _ and dots.";
        return _anchors.TryAdd((resource, name), node) ? null : $"Another schema has the $anchor \"{name}\" already.";
    }

    /// <param name="owner">The schema that the <c>$ref</c> stands in.</param>
    /// <param name="resource">What that belongs to.</param>
    /// <param name="text">The reference as it is written.</param>
    /// <param name="path">Where it stands in the request.</param>
    internal void Refer(RefRule rule, SchemaNode owner, SchemaResource resource, string text, string path) => _references.Add(new Reference(rule, owner, resource, text, path));

    /// <summary>Sets where each reference leads.</summary>
    /// <returns>Those that lead nowhere, or back to themselves.</returns>
    internal IReadOnlyList<ErrorDetail> Resolve()
    {
        var errors = new List<ErrorDetail>();
        foreach (var reference in _references)
        {
            if (Find(reference, out var error) is not { } target)
            {
                errors.Add(new ErrorDetail(reference.Path, "INVALID_REFERENCE", error));
                continue;
            }

            target.IsReferenced = true;
            reference.Rule.Target = target;
            reference.Owner.InPlace.Add(target);
        }

        var endless = FindEndless();
        errors.AddRange(
            from reference in _references
            where endless.Contains(reference.Owner)
            select new ErrorDetail(reference.Path, "INVALID_REFERENCE", $"\"{reference.Text}\" leads back to itself without going into the value, so that checking it would never end."));
        return errors;
    }

    private SchemaNode? Find(Reference reference, out string error)
    {
        error = $"There is no schema at \"{reference.Text}\".";
        var hash = reference.Text.IndexOf('#', StringComparison.Ordinal);
        var address = hash < 0 ? reference.Text : reference.Text[..hash];
        var resource = reference.Resource;
        if (address.Length > 0 && (!Uri.TryCreate(resource.Uri, address, out var uri) || !_resources.TryGetValue(uri.AbsoluteUri, out resource)))
        {
            error = $"The only references that are supported lead to a place in the schema itself, such as \"#/$defs/name\"; this is \"{reference.Text}\".";
            return null;
        }

        var fragment = hash < 0 ? "" : Uri.UnescapeDataString(reference.Text[(hash + 1)..]);
        return fragment is "" or ['/', ..] ? _nodes.GetValueOrDefault(resource!.Pointer + fragment) : _anchors.GetValueOrDefault((resource!, fragment));
    }

    /// <summary>The schemas that apply to a value only after they have applied to the same value: what is left when all others are taken away from both ends.</summary>
    private HashSet<SchemaNode> FindEndless()
    {
        var nodes = _nodes.Values.ToHashSet();
        var forward = _nodes.Values.ToDictionary(node => node, node => node.InPlace.ToList());
        var backward = _nodes.Values.ToDictionary(node => node, _ => new List<SchemaNode>());
        foreach (var (node, targets) in forward)
        {
            foreach (var target in targets) backward[target].Add(node);
        }

        Peel(nodes, forward, backward);
        Peel(nodes, backward, forward);
        return nodes;
    }

    /// <summary>Takes away the nodes that lead to none that is left.</summary>
    private static void Peel(HashSet<SchemaNode> nodes, Dictionary<SchemaNode, List<SchemaNode>> forward, Dictionary<SchemaNode, List<SchemaNode>> backward)
    {
        var leadsTo = nodes.ToDictionary(node => node, node => forward[node].Count(nodes.Contains));
        var ends = new Queue<SchemaNode>(nodes.Where(node => leadsTo[node] == 0));
        while (ends.TryDequeue(out var end))
        {
            nodes.Remove(end);
            foreach (var source in backward[end])
            {
                if (nodes.Contains(source) && --leadsTo[source] == 0) ends.Enqueue(source);
            }
        }
    }

    [GeneratedRegex("^[A-Za-z_][-A-Za-z0-9._]*\\z")]
    private static partial Regex AnchorName();

    private sealed record Reference(RefRule Rule, SchemaNode Owner, SchemaResource Resource, string Text, string Path);
}
