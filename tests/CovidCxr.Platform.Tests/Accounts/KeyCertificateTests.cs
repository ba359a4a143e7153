using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Accounts;

/// <summary>The keys of cookies and second factors where they lie: encrypted for a certificate where one is named.</summary>
public sealed class KeyCertificateTests : IDisposable
{
    const string Password = "a password of this test";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("covidcxr-keys-");

    [Fact]
    public void Keys_WithACertificate_LieEncryptedAndAreReadByTheNextStart()
    {
        var settings = Settings(Certificate("one"));
        string hidden;
        using (var first = Build(settings))
        {
            hidden = first.GetRequiredService<FactorSecrets>().Hide("SECRET");
        }

        var file = File.ReadAllText(Assert.Single(Directory.GetFiles(Keys, "*.xml")));
        Assert.Contains("EncryptedData", file, StringComparison.Ordinal);
        Assert.DoesNotContain("<value>", file, StringComparison.Ordinal);
        using var second = Build(settings);
        Assert.Equal("SECRET", second.GetRequiredService<FactorSecrets>().Show(hidden));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Keys_OfAnEarlierCertificate_AreReadWhereItIsNamed()
    {
        var one = Certificate("one");
        string hidden;
        using (var first = Build(Settings(one)))
        {
            hidden = first.GetRequiredService<FactorSecrets>().Hide("SECRET");
        }

        var two = Certificate("two");
        using var named = Build(Settings(two, one));
        Assert.Equal("SECRET", named.GetRequiredService<FactorSecrets>().Show(hidden));
        using var lost = Build(Settings(two));
        Assert.Null(lost.GetRequiredService<FactorSecrets>().Show(hidden));
    }

    [Fact]
    public void Show_KeyFromBeforeThereWasEncryption_IsItself()
    {
        using var services = Build([]);

        Assert.Equal("GEZDGNBV", services.GetRequiredService<FactorSecrets>().Show("GEZDGNBV"));
        Assert.DoesNotContain("GEZDGNBV", services.GetRequiredService<FactorSecrets>().Hide("GEZDGNBV"), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_OnUnix_AreTheProgramsAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        var file = Path.Combine(Directory.CreateDirectory(Keys).FullName, "pseudonyms.key");
        File.WriteAllBytes(file, [1]);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        using var services = Build([]);
        services.GetRequiredService<FactorSecrets>().Hide("SECRET");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Validate_CertificateThatDoesNotOpen_SaysWhich()
    {
        var path = Certificate("one");
        var wrong = Path.Combine(_folder.FullName, "wrong.txt");
        File.WriteAllText(wrong, "another password");

        var result = new StorageOptionsValidator().Validate(null, new() { KeyCertificate = path, KeyCertificatePassword = wrong });
        var gone = new StorageOptionsValidator().Validate(null, new() { KeyCertificate = path + ".gone" });

        Assert.Contains("one.pfx does not open with its password", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("one.pfx.gone", gone.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("another password", result.FailureMessage, StringComparison.Ordinal);
    }

    string Keys => Path.Combine(_folder.FullName, "data", "keys");

    string Certificate(string name)
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(
            new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var path = Path.Combine(_folder.FullName, name + ".pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, Password));
        return path;
    }

    (string, string)[] Settings(string certificate, string earlier = "")
    {
        var password = Path.Combine(_folder.FullName, "password.txt");
        File.WriteAllText(password, Password + "\n");
        return
        [
            ("Storage:KeyCertificate", certificate), ("Storage:KeyCertificatePassword", password),
            ("Storage:EarlierKeyCertificates", earlier),
        ];
    }

    ServiceProvider Build((string, string)[] settings)
    {
        var values = settings.Append(("Storage:DataFolder", Path.Combine(_folder.FullName, "data")))
            .ToDictionary(s => s.Item1, s => (string?)s.Item2);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<Microsoft.Extensions.Hosting.IHostEnvironment>(new Place(_folder.FullName));
        services.AddCovidCxrStorage(configuration).AddCovidCxrPlatform(configuration);
        return services.BuildServiceProvider();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
