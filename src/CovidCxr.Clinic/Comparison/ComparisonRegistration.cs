using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Comparison;

static class ComparisonRegistration
{
    public static IServiceCollection AddComparison(this IServiceCollection services) => services
        .AddSingleton<CaseCache>()
        .AddSingleton<RevealedCases>()
        .AddSingleton<CompareReaders>()
        .AddSingleton<ComparePolicies>()
        .AddSingleton<ListCases>();
}
