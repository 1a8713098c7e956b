using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace DataPipeline.WebApi.IntegrationTests;

/// <summary>The layers hold by these rules, not by good will.</summary>
public sealed class ArchitectureTests
{
    private static readonly System.Reflection.Assembly DomainLayer = typeof(Domain.Common.Error).Assembly;
    private static readonly System.Reflection.Assembly ApplicationLayer = typeof(Application.DependencyInjection).Assembly;
    private static readonly System.Reflection.Assembly InfrastructureLayer = typeof(Infrastructure.DependencyInjection).Assembly;
    private static readonly System.Reflection.Assembly WebApiLayer = typeof(Program).Assembly;
    private static readonly Architecture Architecture = new ArchLoader().LoadAssemblies(DomainLayer, ApplicationLayer, InfrastructureLayer, WebApiLayer).Build();

    [Fact]
    public void Domain_ReferencesNothingButTheBaseClassLibrary() =>
        Assert.DoesNotContain(DomainLayer.GetReferencedAssemblies(), reference => !reference.Name!.StartsWith("System.", StringComparison.Ordinal) && reference.Name is not "netstandard");

    [Fact]
    public void Application_KnowsNoDatabaseNoWebAndNoInfrastructure() => Assert.DoesNotContain(
        ApplicationLayer.GetReferencedAssemblies(),
        reference => reference.Name!.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal)
            || reference.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || reference.Name.StartsWith("Npgsql", StringComparison.Ordinal)
            || reference.Name is "Microsoft.Data.Sqlite" or "DataPipeline.Infrastructure" or "DataPipeline.WebApi");

    [Fact]
    public void Infrastructure_DoesNotKnowTheWebApi() => Assert.DoesNotContain(InfrastructureLayer.GetReferencedAssemblies(), reference => reference.Name == "DataPipeline.WebApi");

    [Fact]
    public void WebApi_TouchesInfrastructureOnlyToRegisterIt() => Types().That().ResideInAssembly(WebApiLayer).And().DoNotHaveFullName("DataPipeline.WebApi.Hosting.ServiceSetup").And().DoNotHaveFullName("DataPipeline.WebApi.Cli.CommandLine")
        .And().DoNotHaveNameContaining("<")
        .Should().NotDependOnAny(Types().That().ResideInAssembly(InfrastructureLayer)).Check(Architecture);

    [Fact]
    public void Infrastructure_OffersNothingButItsRegistration_AndItsSettings() => Assert.DoesNotContain(
        InfrastructureLayer.GetExportedTypes(),
        type => type.Name is not ("DependencyInjection" or "SettingsRegistration") && !type.Name.EndsWith("Options", StringComparison.Ordinal) && !(type.Namespace ?? "").StartsWith("DataPipeline.Infrastructure.Persistence", StringComparison.Ordinal));

    [Fact]
    public void Handlers_AreInternalAndSealed_BesideTheirRequests()
    {
        var handlers = ApplicationLayer.GetTypes().Where(type => type.Name.EndsWith("Handler", StringComparison.Ordinal) && !type.IsInterface && !type.IsNested).ToList();

        Assert.NotEmpty(handlers);
        Assert.All(handlers, handler => Assert.True(handler is { IsSealed: true, IsPublic: false }, handler.FullName));
        Assert.All(handlers, handler => Assert.NotNull(ApplicationLayer.GetType($"{handler.Namespace}.{handler.Name[..^"Handler".Length]}")));
    }

    [Fact]
    public void Program_IsShort() => Assert.True(typeof(Program).GetMethods(BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly).Length <= 3);
}
