using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Runs;

static class RunsRegistration
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services
        .AddSingleton<IJobHandler, RunRetraining>()
        .AddSingleton<ListInitialModels>()
        .AddSingleton<StartRetraining>()
        .AddSingleton<ControlRetraining>()
        .AddSingleton<ListRetraining>()
        .AddSingleton<WatchRetraining>()
        .AddSingleton<GetEvaluation>()
        .AddSingleton<GetCrossValidation>()
        .AddSingleton<GetConfusedPicture>()
        .AddSingleton<GetRunFile>()
        .AddSingleton<CompareRuns>();
}
