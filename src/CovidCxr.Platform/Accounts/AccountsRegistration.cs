using System.Security.Cryptography;
using CovidCxr.Platform.Configuration;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Accounts;

static class AccountsRegistration
{
    const int MinPasswordLength = 15;

    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<AccountOptions, AccountOptionsValidator>(configuration, AccountOptions.Section)
            .AddSingleton<SetupToken>()
            .AddSingleton<SignInAttempts>()
            .AddSingleton<Sessions>()
            .AddSingleton<FactorSecrets>()
            .AddSingleton<ListAccounts>()
            .AddSingleton<Confirmations>()
            .AddSingleton<ConfirmPerson>()
            .AddScoped<ConfirmByPasskey>()
            .AddScoped<ConfirmByProvider>()
            .AddScoped<CheckSession>()
            .AddScoped<SignIn>()
            .AddScoped<SignOut>()
            .AddScoped<SecondFactor>()
            .AddScoped<Passkeys>()
            .AddScoped<ProviderSignIn>()
            .AddScoped<ProviderSignOut>()
            .AddScoped<ProviderLink>()
            .AddScoped<ChangePassword>()
            .AddScoped<CreateAccount>()
            .AddScoped<ChangeAccount>()
            .AddScoped<ResetPassword>()
            .AddScoped<CreateFirstAdministrator>()
            .AddScoped<SeedDemoAccounts>();
        AddIdentity(services);
        AddKeys(services, configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new());
        return services;
    }

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
        services.Configure<IdentityPasskeyOptions>(options =>
        {
            // The device makes sure of the person, and keeps the name: no name is typed.
            (options.UserVerificationRequirement, options.ResidentKeyRequirement) = ("required", "required");
            // By the host that the browser asked for; a header of its own says less, and none at all after "no-referrer".
            options.ValidateOrigin = context =>
            {
                var request = context.HttpContext.Request;
                return ValueTask.FromResult(!context.CrossOrigin && context.Origin == $"{request.Scheme}://{request.Host}");
            };
        });
        // Identity's own locks an account for everybody.
        services.Configure<IdentityOptions>(identity => identity.Lockout.AllowedForNewUsers = false);
        // A change of roles is felt within a minute.
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = TimeSpan.FromSeconds(30));
    }

    // The keys of cookies lie with the data, so that a restart, or another container on the same volume, signs nobody out.
    static void AddKeys(IServiceCollection services, StorageOptions options)
    {
        var keys = services.AddDataProtection().SetApplicationName("CovidCxr");
        try
        {
            if (KeyCertificates.Current(options) is { } certificate)
            {
                keys.ProtectKeysWithCertificate(certificate);
            }

            keys.UnprotectKeysWithAnyCertificate(KeyCertificates.Earlier(options));
        }
        catch (CryptographicException)
        {
            // The options' own check names it, beside whatever else is wrong.
        }

        services.AddOptions<KeyManagementOptions>().Configure<DataFolder, ILoggerFactory>((keys, folder, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(PrivateFolder(folder.Keys), loggers));
    }

    static DirectoryInfo PrivateFolder(string path)
    {
        var folder = PrivateFiles.CreateFolder(path);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.EnumerateFiles(path))
            {
                File.SetUnixFileMode(file, PrivateFiles.OwnFile);
            }
        }

        return folder;
    }
}
