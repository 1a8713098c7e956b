using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Pipelines;

/// <summary>A named, versioned definition of how records are processed, and whether it takes batches. Aggregate root.</summary>
public sealed class Pipeline
{
    public const int NameMaxLength = 100;
    public const int DescriptionMaxLength = 2_000;
    public const int MaxProcessors = 100;

    private Pipeline(Guid id, OwnerId ownerId, string name, string? description, PipelineConfig config, DateTimeOffset createdAt)
    {
        Id = id;
        OwnerId = ownerId;
        Name = name;
        NameKey = KeyOf(name);
        Description = description;
        Config = config;
        Version = 1;
        CreatedAt = createdAt;
        UpdatedAt = createdAt;
    }

    public Guid Id { get; private set; }

    public OwnerId OwnerId { get; private set; }

    public string Name { get; private set; }

    /// <summary>The name in the form in which it is unique per owner: names that differ in case alone are the same.</summary>
    public string NameKey { get; private set; }

    public string? Description { get; private set; }

    public PipelineStatus Status { get; private set; }

    /// <summary>1 at creation, one more with every change of name, description or configuration. A batch keeps the version it was submitted under.</summary>
    public int Version { get; private set; }

    public PipelineConfig Config { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static Pipeline Create(Guid id, OwnerId owner, string name, string? description, PipelineConfig config, DateTimeOffset now) => new(id, owner, name, description, config, now);

    public static string KeyOf(string name) => name.ToUpperInvariant();

    /// <summary>Takes a new definition in any status. One that says what the present one says changes nothing, not even the version.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Redefine(string name, string? description, PipelineConfig config, DateTimeOffset now)
    {
        if (name == Name && description == Description && config.SaysTheSameAs(Config)) return false;
        (Name, NameKey, Description, Config) = (name, KeyOf(name), description, config);
        Version++;
        UpdatedAt = now;
        return true;
    }

    public Result Start(DateTimeOffset now) => MoveBy(PipelineLifecycle.Trigger.Start, now);

    public Result Stop(DateTimeOffset now) => MoveBy(PipelineLifecycle.Trigger.Stop, now);

    public Result EnsureAcceptsBatches() => Status == PipelineStatus.Active ? Result.Success : PipelineErrors.NotActive(this);

    /// <param name="expected">The versions the caller is content with; <c>null</c> for any.</param>
    public Result EnsureVersion(IReadOnlyCollection<int>? expected) => expected?.Contains(Version) ?? true ? Result.Success : PipelineErrors.VersionMismatch(this);

    private Result MoveBy(PipelineLifecycle.Trigger trigger, DateTimeOffset now)
    {
        var next = PipelineLifecycle.Next(this, trigger);
        if (!next.IsSuccess) return next.Error;
        if (next.Value == Status) return Result.Success;
        Status = next.Value;
        UpdatedAt = now;
        return Result.Success;
    }
}
