using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.EndToEnd.Examples;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>An empty program outside of this repository, which has a client from the file of its package.</summary>
/// <param name="Source">Where its lines belong.</param>
/// <param name="Build">Compiles them, where that is needed.</param>
/// <param name="Run">Runs them.</param>
internal sealed record NewProgram(string Source, string[] Build, string[] Run)
{
    // Beside those of this machine, whose packages need not be fetched again.
    private const string Sources = """
        <configuration>
          <packageSources><add key="packages" value="." /></packageSources>
          <fallbackPackageFolders><add key="here" value="HERE" /></fallbackPackageFolders>
        </configuration>
        """;

    // As `dotnet new console` has it. The host is of the version that the worker comes with.
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="VoiceWorker.Client" Version="VERSION" />
            <PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.0" />
          </ItemGroup>
        </Project>
        """;

    public static NewProgram InPython(PythonWheel wheel, string folder)
    {
        var source = Path.Combine(folder, "main.py");
        return new(source, [], [wheel.Python, source]);
    }

    public static async Task<NewProgram> InTypeScriptAsync(string folder)
    {
        var package = Assert.Single(await PackedClient.FilesAsync("typescript", folder));
        var project = await NodeProject.WithPackageAsync(folder, package, Console.Error.WriteLine, Token);
        // What README shows needs no compiler.
        var source = Path.Combine(folder, "main.mjs");
        return new(source, [], [project.Node, source]);
    }

    public static async Task<NewProgram> InDotnetAsync(string folder)
    {
        var version = $"0.1.0-use.{Guid.NewGuid():N}";
        await PackedClient.FilesAsync("dotnet", folder, $"PackageVersion={version}");
        await WriteAsync("NuGet.config", Sources.Replace("HERE", PackagesOfHere(), StringComparison.Ordinal));
        await WriteAsync("New.csproj", Project.Replace("VERSION", version, StringComparison.Ordinal));
        return new(
            Path.Combine(folder, "Program.cs"),
            [
                "env", $"NUGET_PACKAGES={Path.Combine(folder, "packages")}", "dotnet", "build", folder,
                "-o", Path.Combine(folder, "out"), "-v", "quiet", "-p:UseSharedCompilation=false", "-nodeReuse:false",
            ],
            ["dotnet", Path.Combine(folder, "out", "New.dll")]);

        Task WriteAsync(string file, string text) => File.WriteAllTextAsync(Path.Combine(folder, file), text, Token);
    }

    /// <summary>These lines are the program now.</summary>
    public async Task WriteAsync(string lines)
    {
        await File.WriteAllTextAsync(Source, lines, Token);
        if (Build.Length > 0)
            await Command.RunAsync(Build, Token);
    }

    /// <summary>Runs it, which has to end well, and returns what it printed.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await using var process = ExampleProcess.Start(Run, new Dictionary<string, string>());
        await process.EndsWellAsync();
        return process.Lines;
    }

    private static string PackagesOfHere() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
