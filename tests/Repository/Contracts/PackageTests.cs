using System.IO.Compression;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Tests.Repository.Contracts;

/// <summary>The package VoiceWorker.Contracts: what is in it, and that a program can use it with nothing else.</summary>
public sealed partial class PackageTests : IAsyncLifetime
{
    private const string Version = "0.1.0-test";

    private readonly string _folder = Directory.CreateTempSubdirectory("voice-worker-package-").FullName;

    public async ValueTask InitializeAsync() => await PackAsync(_folder);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [FullRun]
    [Fact]
    public async Task The_package_has_documentation_symbols_and_schemas_and_a_program_runs_with_it()
    {
        AssertContents();
        await AssertRunsAsync();
    }

    [FullRun]
    [Fact]
    public async Task The_package_is_the_same_whenever_it_is_made()
    {
        var again = Directory.CreateDirectory(Path.Combine(_folder, "again")).FullName;
        await PackAsync(again);

        foreach (var file in Directory.GetFiles(again))
        {
            var first = await File.ReadAllBytesAsync(Path.Combine(_folder, Path.GetFileName(file)), Token);
            Assert.Equal(first, await File.ReadAllBytesAsync(file, Token));
        }
    }

    // What is built already, at a time that is given as a release gives it: SOURCE_DATE_EPOCH.
    private static async Task PackAsync(string folder) => await Command.RunAsync(
        [
            "dotnet", "pack", Path.Combine(RepositoryFiles.Root, "src", "Contracts"), "-c", Configuration, "--no-build",
            "-v", "quiet", "-nologo", $"-p:PackageVersion={Version}", "-p:SOURCE_DATE_EPOCH=1769851800", "-o", folder,
        ],
        Token);

    private void AssertContents()
    {
        var (package, nuspec) = Open("nupkg");
        var (symbols, _) = Open("snupkg");
        var documents = RepositoryFiles.FilesBelow("docs/contracts").Where(file => Path.GetExtension(file) == ".json");

        Assert.Contains("README.md", package);
        Assert.Contains("lib/net10.0/VoiceWorker.Contracts.dll", package);
        Assert.Contains("lib/net10.0/VoiceWorker.Contracts.xml", package);
        Assert.Contains("lib/net10.0/VoiceWorker.Contracts.pdb", symbols);
        Assert.Equal(
            documents.Select(file => $"schemas/{Path.GetFileName(file)}").Order(StringComparer.Ordinal),
            package.Where(file => file.StartsWith("schemas/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("VoiceWorker.Contracts", Field(nuspec, "id"));
        Assert.Equal("README.md", Field(nuspec, "readme"));
        Assert.DoesNotContain(nuspec.Descendants(), element => element.Name.LocalName == "dependency");
    }

    private async Task AssertRunsAsync()
    {
        var program = CSharpBlock().Match(RepositoryFiles.Read("src/Contracts/README.md")).Groups[1].Value;
        await WriteAsync("Program.cs", program + "Console.WriteLine(System.Text.Encoding.UTF8.GetString(body));");
        await WriteAsync("nuget.config", """
            <configuration><packageSources><clear /><add key="here" value="." /></packageSources></configuration>
            """);
        await WriteAsync("Program.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="VoiceWorker.Contracts" Version="{Version}" />
              </ItemGroup>
            </Project>
            """);

        var output = await Command.RunAsync(["dotnet", "run", "--project", _folder], Token);

        Assert.StartsWith("""{"callId":"CA-4711","businessId":42,"startedAt":""", output.Trim(), StringComparison.Ordinal);
    }

    private Task WriteAsync(string file, string text) => File.WriteAllTextAsync(Path.Combine(_folder, file), text, Token);

    private (IReadOnlyList<string> Files, XDocument Nuspec) Open(string kind)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(_folder, $"VoiceWorker.Contracts.{Version}.{kind}"));
        using var nuspec = zip.GetEntry("VoiceWorker.Contracts.nuspec")!.Open();
        return ([.. zip.Entries.Select(entry => entry.FullName)], XDocument.Load(nuspec));
    }

    private static string Field(XDocument nuspec, string name) =>
        nuspec.Descendants().Single(element => element.Name.LocalName == name).Value;

    private static string Configuration =>
        typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
