using CovidCxr.Platform.Configuration;
using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.DataSets;

static class DataSetsRegistration
{
    public static IServiceCollection AddDataSets(this IServiceCollection services, IConfiguration configuration) => services
        .AddValidatedOptions<TrainingMachineOptions, TrainingMachineOptionsValidator>(configuration, TrainingMachineOptions.Section)
        .AddSingleton<RetrainingRoot>()
        .AddSingleton<DataSetPlaces>()
        .AddSingleton<ImportSources>()
        .AddSingleton<AcceptArchive>()
        .AddSingleton<PreviewImport>()
        .AddSingleton<StartImport>()
        .AddSingleton<IJobHandler, MakeDataSet>()
        .AddSingleton<ImportImages>()
        .AddSingleton<ListDataSets>()
        .AddSingleton<GetDataSet>()
        .AddSingleton<DescribeDivision>()
        .AddSingleton<CancelDataSet>()
        .AddSingleton<FindProblems>()
        .AddSingleton<ChangeDataSet>()
        .AddSingleton<GetThumbnail>()
        .AddSingleton<AugmentImages>()
        .AddSingleton<StartAugmentation>()
        .AddSingleton<LayOutLightTable>();
}
