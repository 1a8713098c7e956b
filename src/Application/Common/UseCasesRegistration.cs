using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Application.Common;

internal static class UseCasesRegistration
{
    internal static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddTransient<ServiceFactory>(provider => provider.GetRequiredService)
        .AddTransient<IMediator, Mediator>()
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(LoggingBehavior<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(RetryOnConflictBehavior<,>))
        .AddValidatorsFromAssemblyContaining(typeof(UseCasesRegistration), includeInternalTypes: true)
        .Scan(scan => scan.FromAssembliesOf(typeof(UseCasesRegistration))
            .AddClasses(classes => classes.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false)
            .As(type => type.GetInterfaces().Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)))
            .WithTransientLifetime());
}
