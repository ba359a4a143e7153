using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using CovidCxr.Testing;
using Microsoft.Data.Sqlite;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>Glewlwyd as a process of its own: an identity provider in another language. Anna can sign in there.</summary>
sealed class GlewlwydProvider : IAsyncDisposable
{
    const string Program = "/usr/bin/glewlwyd", Password = "lantern-fjord-cobalt-42";
    const string Schema = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";

    readonly string _folder = Directory.CreateTempSubdirectory("covidcxr-glewlwyd-").FullName;
    readonly int _port = FreePort.Find();
    readonly Process _process;

    GlewlwydProvider()
    {
        CreateDatabase(Path.Combine(_folder, "g.db"));
        var settings = Path.Combine(_folder, "g.conf");
        File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $$"""
            port={{_port}}
            bind_address="127.0.0.1"
            external_url="http://127.0.0.1:{{_port}}"
            login_url="login.html"
            api_prefix="api"
            static_files_path="/usr/share/glewlwyd/webapp/"
            log_mode="console"
            log_level="ERROR"
            cookie_domain="127.0.0.1"
            cookie_secure=0
            session_expiration=3600
            session_key="glewlwyd"
            admin_scope="g_admin"
            profile_scope="g_profile"
            user_module_path="/usr/lib/glewlwyd/user"
            user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"
            client_module_path="/usr/lib/glewlwyd/client"
            user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
            plugin_module_path="/usr/lib/glewlwyd/plugin"
            hash_algorithm="SHA512"
            database = { type = "sqlite3" path = "{{_folder}}/g.db" };
            static_files_mime_types = ( { extension = ".html" mime_type = "text/html" compress = 0 } )
            """));
        _process = Process.Start(new ProcessStartInfo(Program, [$"--config-file={settings}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static bool IsHere => File.Exists(Program) && File.Exists(Schema);

    public string Issuer => $"http://127.0.0.1:{_port}/api/oidc";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<GlewlwydProvider> StartAsync()
    {
        var provider = new GlewlwydProvider();
        using var client = new HttpClient();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(100, Cancellation))
        {
            try
            {
                await client.GetAsync($"http://127.0.0.1:{provider._port}/api/auth/", Cancellation);
                return provider;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        await provider.DisposeAsync();
        throw new InvalidOperationException("Glewlwyd did not answer.");
    }

    /// <summary>As its administrator would on its pages: the protocol, the program, and Anna.</summary>
    public async Task SetUpAsync(Uri program, string id)
    {
        using var administrator = Client();
        await SendAsync(administrator, HttpMethod.Post, "auth/", new { username = "admin", password = "password" });
        using var key = RSA.Create(2048);
        await SendAsync(administrator, HttpMethod.Post, "mod/plugin", new
        {
            module = "oidc",
            name = "oidc",
            display_name = "OpenID Connect",
            enabled = true,
            parameters = new Dictionary<string, object>
            {
                ["iss"] = Issuer,
                ["jwt-type"] = "rsa",
                ["jwt-key-size"] = "256",
                ["key"] = key.ExportRSAPrivateKeyPem(),
                ["cert"] = key.ExportSubjectPublicKeyInfoPem(),
                ["access-token-duration"] = 3600,
                ["refresh-token-duration"] = 3600,
                ["code-duration"] = 60,
                ["auth-type-code-enabled"] = true,
                ["auth-type-id-token-enabled"] = true,
                ["subject-type"] = "public",
                ["jwks-show"] = true,
                ["pkce-allowed"] = true,
                ["pkce-required"] = true,
                ["oauth-par-allowed"] = true,
                ["oauth-par-duration"] = 90,
                ["oauth-par-request_uri-prefix"] = "urn:ietf:params:oauth:request_uri:",
            },
        });
        await SendAsync(administrator, HttpMethod.Post, "client", new
        {
            client_id = BentProvider.ClientId,
            name = "CovidCxr",
            client_secret = BentProvider.Secret,
            confidential = true,
            enabled = true,
            redirect_uri = new[] { new Uri(program, $"/account/providers/{id}/callback").ToString() },
            authorization_type = new[] { "code" },
            token_endpoint_auth_method = new[] { "client_secret_post" },
            scope = new[] { "openid" },
            source = "database",
        });
        await SendAsync(administrator, HttpMethod.Post, "user", new
        {
            username = "anna",
            name = "Anna",
            password = Password,
            scope = new[] { "g_profile", "openid" },
            enabled = true,
            source = "database",
        });
    }

    /// <summary>What Anna does on its pages: the password, and her consent.</summary>
    /// <param name="asked">Where the program sent her.</param>
    /// <returns>Where she is sent back to.</returns>
    public async Task<string> SignInAsync(string asked)
    {
        using var anna = Client();
        await SendAsync(anna, HttpMethod.Post, "auth/", new { username = "anna", password = Password });
        await SendAsync(anna, HttpMethod.Put, $"auth/grant/{BentProvider.ClientId}", new { scope = "openid" });
        var answer = await anna.GetAsync(asked + "&g_continue", Cancellation);
        return answer.Headers.Location!.OriginalString;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = new($"http://127.0.0.1:{_port}/api/"),
    };

    static async Task SendAsync(HttpClient client, HttpMethod method, string path, object content)
    {
        var answer = await client.SendAsync(new(method, path) { Content = JsonContent.Create(content) }, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
    }

    static void CreateDatabase(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = File.ReadAllText(Schema);
        command.ExecuteNonQuery();
    }
}
