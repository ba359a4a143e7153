using CovidCxr.Application.Accounts;
using CovidCxr.Application.Administration;
using CovidCxr.Application.Agreement;
using CovidCxr.Application.Audit;
using CovidCxr.Application.DataSets;
using CovidCxr.Application.Drift;
using CovidCxr.Application.Jobs;
using CovidCxr.Application.Models;
using CovidCxr.Application.Readings;
using CovidCxr.Application.Studies;
using CovidCxr.Application.Training;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Application;

public static class ApplicationRegistration
{
    const int MinPasswordLength = 15;

    /// <summary>Every use case, the model host and Identity; jobs run once <see cref="AddCovidCxrJobWorker"/> is added too.</summary>
    public static IServiceCollection AddCovidCxrApplication(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        AddOptions<ImagingOptions, ImagingOptionsValidator>(services, configuration, ImagingOptions.Section);
        AddOptions<ServingOptions, ServingOptionsValidator>(services, configuration, ServingOptions.Section);
        AddOptions<ModelOptions, ModelOptionsValidator>(services, configuration, ModelOptions.Section);
        AddOptions<RetrainingOptions, RetrainingOptionsValidator>(services, configuration, RetrainingOptions.Section);
        AddOptions<JobOptions, JobOptionsValidator>(services, configuration, JobOptions.Section);
        AddOptions<AccountOptions, AccountOptionsValidator>(services, configuration, AccountOptions.Section);

        services.AddSingleton(p => new UploadLimit(p.GetRequiredService<IOptions<ImagingOptions>>().Value.MaxFileMegabytes));
        services.AddSingleton(p => new ScanDecoder(p.GetRequiredService<IOptions<ImagingOptions>>().Value));
        services.AddSingleton(p => new ModelHost(p.GetRequiredService<IOptions<ServingOptions>>().Value, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StudyChanges>().AddSingleton<JobQueue>().AddSingleton<AuditLog>().AddSingleton<SetupToken>();
        services.AddSingleton<DecodedScans>().AddSingleton<ImportStudy>().AddSingleton<ListStudies>().AddSingleton<GetStudy>().AddSingleton<GetPixels>().AddSingleton<GetHeatMap>();
        services.AddSingleton<IJobHandler, AnalyseStudy>().AddSingleton<SeedPhantomStudies>().AddSingleton<SweepImages>();
        services.AddSingleton<RecordReading>().AddSingleton<GetReadingPolicy>().AddSingleton<ChangeReadingPolicy>();
        services.AddSingleton<CaseCache>().AddSingleton<RecordReference>().AddSingleton<ImportReferences>().AddSingleton<SubmitReferences>().AddSingleton<CompareReaders>().AddSingleton<ComparePolicies>().AddSingleton<ListCases>().AddSingleton<ExportCases>();
        services.AddSingleton<RevealedCases>().AddSingleton<ListDiscordances>().AddSingleton<RequestReads>().AddSingleton<ListAdjudications>().AddSingleton<ChangeQualitySettings>().AddSingleton<GetStudyThumbnail>().AddSingleton<SelectTrainingTruth>();
        services.AddSingleton<ExportRegistry>().AddSingleton<DescribePeriod>();
        services.AddSingleton<MeasureDrift>().AddSingleton<ListArrivals>().AddSingleton<AlertChanges>().AddSingleton<CheckAlerts>().AddSingleton<ListAlerts>().AddSingleton<AcknowledgeAlert>();
        services.AddSingleton<RegisterModel>().AddSingleton<AcceptModel>().AddSingleton<TryModel>().AddSingleton<ActivateModel>().AddSingleton<ListModels>().AddSingleton<GetModelCard>().AddSingleton<StartModel>();
        services.AddSingleton<DataSetPlaces>().AddSingleton<Pseudonyms>().AddSingleton<ClinicStudies>().AddSingleton<ImportSources>().AddSingleton<AcceptArchive>().AddSingleton<PreviewImport>().AddSingleton<StartImport>();
        services.AddSingleton<IJobHandler, MakeDataSet>().AddSingleton<ImportImages>().AddSingleton<ListDataSets>().AddSingleton<GetDataSet>().AddSingleton<CancelDataSet>();
        services.AddSingleton<FindProblems>().AddSingleton<ChangeDataSet>().AddSingleton<GetThumbnail>();
        services.AddSingleton<AugmentImages>().AddSingleton<StartAugmentation>().AddSingleton<LayOutLightTable>();
        services.AddSingleton<IJobHandler, RunRetraining>().AddSingleton<RetrainingRoot>();
        services.AddSingleton<ListInitialModels>().AddSingleton<StartRetraining>().AddSingleton<ControlRetraining>().AddSingleton<ListRetraining>().AddSingleton<WatchRetraining>();
        services.AddSingleton<GetEvaluation>().AddSingleton<GetCrossValidation>().AddSingleton<GetConfusedPicture>().AddSingleton<GetRunFile>().AddSingleton<CompareRuns>();
        services.AddSingleton<GetSystemState>().AddSingleton<ListAuditEntries>().AddSingleton<ListAccounts>();
        services.AddScoped<CheckSession>().AddScoped<SignIn>().AddScoped<SignOut>().AddScoped<ChangePassword>();
        services.AddScoped<CreateAccount>().AddScoped<ChangeAccount>().AddScoped<ResetPassword>().AddScoped<CreateFirstAdministrator>().AddScoped<SeedDemoAccounts>();
        AddIdentity(services);
        AddKeys(services);
        return services;
    }

    /// <summary>Lets this process work on jobs, and look for alerts.</summary>
    public static IServiceCollection AddCovidCxrJobWorker(this IServiceCollection services) => services.AddHostedService<JobWorker>().AddHostedService<AlertWatch>();

    static void AddIdentity(IServiceCollection services)
    {
        services.AddIdentity<Account, IdentityRole<Guid>>(options =>
        {
            options.Password = new PasswordOptions
            {
                RequiredLength = MinPasswordLength,
                RequireDigit = false,
                RequireLowercase = false,
                RequireNonAlphanumeric = false,
                RequireUppercase = false,
            };
            options.User.RequireUniqueEmail = false;
        }).AddEntityFrameworkStores<CovidCxrDbContext>().AddPasswordValidator<CommonPasswordValidator>().AddDefaultTokenProviders();
        services.AddOptions<IdentityOptions>().Configure<IOptions<AccountOptions>>((identity, accounts) =>
        {
            identity.Lockout.MaxFailedAccessAttempts = accounts.Value.LockoutAttempts;
            identity.Lockout.DefaultLockoutTimeSpan = accounts.Value.LockoutDuration;
        });
        // A change of roles is felt within a minute.
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = TimeSpan.FromSeconds(30));
    }

    // The keys of cookies lie with the data, so that a restart, or another container on the same volume, signs nobody out.
    static void AddKeys(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("CovidCxr");
        services.AddOptions<KeyManagementOptions>().Configure<DataFolder, ILoggerFactory>((keys, folder, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(PrivateFolder(folder.Keys), loggers));
    }

    static DirectoryInfo PrivateFolder(string path) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path)
        : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    static void AddOptions<TOptions, TValidator>(IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        // A misspelt key is an error, not a default.
        services.AddOptions<TOptions>().Bind(configuration.GetSection(section), binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
    }
}
