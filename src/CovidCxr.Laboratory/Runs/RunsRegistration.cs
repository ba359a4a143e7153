using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Runs;

static class RunsRegistration
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services
        .AddSingleton<IJobHandler, TrainingRunJob>()
        .AddSingleton<ListInitialModels>()
        .AddSingleton<StartTrainingRun>()
        .AddSingleton<StartEvaluationRun>()
        .AddSingleton<ControlTrainingRun>()
        .AddSingleton<ListTrainingRuns>()
        .AddSingleton<WatchTrainingRun>()
        .AddSingleton<GetEvaluation>()
        .AddSingleton<GetCrossValidation>()
        .AddSingleton<GetConfusedPicture>()
        .AddSingleton<GetRunFile>()
        .AddSingleton<CompareRuns>();
}
