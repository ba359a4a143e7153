using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using CovidCxr.Hospital.Peers;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Web.Shared.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Tests;

/// <summary>appsettings.templates: each file binds, and names every option with its default.</summary>
public sealed partial class TemplateTests
{
    static readonly Assembly[] Rooms =
        [
            typeof(LimitOptions).Assembly, typeof(JobOptions).Assembly, typeof(StorageOptions).Assembly, typeof(ImagingOptions).Assembly,
            typeof(HospitalOptions).Assembly, Assembly.Load("CovidCxr.Engine")];

    public static TheoryData<Type> Options => [.. Rooms.SelectMany(r => r.GetExportedTypes()).Where(t => Section(t) is not null)];

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public void Template_AsItStands_BindsToRightOptions(string name) => AssertRight(Parse(Read($"appsettings.{name}.json")));

    /// <summary>The program's environment in the compose file, as the program reads it.</summary>
    [Fact]
    public void Hospital_AsItStands_BindsToRightOptions()
    {
        var (compose, archive) = (Read("hospital/compose.yaml"), Parse(Read("hospital/orthanc.json")));
        var settings = ComposeSetting().Matches(compose).Where(m => m.Groups[1].Value.Contains("__", StringComparison.Ordinal))
            .ToDictionary(m => m.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal), m => (string?)m.Groups[2].Value);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

        AssertRight(configuration);
        var hospital = (HospitalOptions)Bind(configuration, typeof(HospitalOptions));
        var (peer, destination) = (Assert.Single(hospital.Peers), Assert.Single(hospital.Destinations));
        Assert.Equal((archive["DicomAet"], archive["DicomPort"]), (peer.AeTitle, $"{peer.Port}"));
        Assert.Equal(
            (peer.AeTitle, peer.Host, peer.Port, true), (destination.AeTitle, destination.Host, destination.Port, destination.Send));
        Assert.Equal(
            [hospital.AeTitle, "covidcxr", $"{hospital.Port}"],
            archive.GetSection("DicomModalities:covidcxr").GetChildren().Select(c => c.Value));
        Assert.Contains(hospital.AeTitle, Read("hospital/forward.lua"), StringComparison.Ordinal);
        Assert.Contains($"ipv4_address: {settings["Proxies:Addresses"]} }}", compose, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Template_WithItsCommentsTakenAway_NamesEveryOptionWithItsDefault(Type type)
    {
        foreach (var name in new[] { "Development", "Production" })
        {
            var configuration = Parse(CommentedKey().Replace(Read($"appsettings.{name}.json"), "$1"));
            var section = configuration.GetSection(Section(type)!);
            var settable = type.GetProperties().Where(p => p.CanWrite).ToList();

            Assert.Equal(settable.Select(p => p.Name).Order(), section.GetChildren().Select(c => c.Key).Order());
            var (bound, defaults) = (Bind(configuration, type), Activator.CreateInstance(type));
            // Production names a folder of its own.
            Assert.All(settable.Where(p => (name, p.Name) != ("Production", "DataFolder")), p =>
                Assert.Equal(p.GetValue(defaults), p.GetValue(bound)));
        }
    }

    static string? Section(Type type) => type.GetField("Section")?.GetRawConstantValue() as string;

    static void AssertRight(IConfiguration configuration) =>
        Assert.All(Options.Select(o => o.Data), type =>
        {
            var options = Bind(configuration, type);
            var validator = Rooms.SelectMany(r => r.GetExportedTypes())
                .Single(t => typeof(IValidateOptions<>).MakeGenericType(type).IsAssignableFrom(t));
            var result = (ValidateOptionsResult)validator.GetMethod("Validate")!
                .Invoke(Activator.CreateInstance(validator), [null, options])!;
            Assert.True(result.Succeeded, result.FailureMessage);
        });

    static object Bind(IConfiguration configuration, Type type)
    {
        var options = Activator.CreateInstance(type)!;
        configuration.GetSection(Section(type)!).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return options;
    }

    static IConfigurationRoot Parse(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    static string Read(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder!.FullName, "appsettings.templates")))
        {
            folder = folder.Parent;
        }

        return File.ReadAllText(Path.Combine(folder.FullName, "appsettings.templates", file));
    }

    [GeneratedRegex(@"^      ([A-Za-z0-9_]+): ""?([^""\n]*)""?$", RegexOptions.Multiline)]
    private static partial Regex ComposeSetting();

    // A commented line that holds a key or closes one; the others are prose.
    [GeneratedRegex("""^(\s*)//\s*(?=["{}])""", RegexOptions.Multiline)]
    private static partial Regex CommentedKey();
}
