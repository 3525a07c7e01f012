using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.EndToEnd.Examples;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>An empty program outside of this repository, which has a client from the file of its package.</summary>
/// <param name="Source">Where its lines belong.</param>
/// <param name="Command">Runs it.</param>
/// <param name="Environment">Of the command.</param>
internal sealed record NewProgram(string Source, string[] Command, IReadOnlyDictionary<string, string> Environment)
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
        return new(source, [wheel.Python, source], new Dictionary<string, string>());
    }

    public static async Task<NewProgram> InTypeScriptAsync(string folder)
    {
        var package = Assert.Single(await PackedClient.FilesAsync("typescript", folder));
        var project = await NodeProject.WithPackageAsync(folder, package, Console.Error.WriteLine, Token);
        // What README shows needs no compiler.
        var source = Path.Combine(folder, "main.mjs");
        return new(source, [project.Node, source], new Dictionary<string, string>());
    }

    public static async Task<NewProgram> InDotnetAsync(string folder)
    {
        var version = $"0.1.0-use.{Guid.NewGuid():N}";
        await PackedClient.FilesAsync("dotnet", folder, $"PackageVersion={version}");
        var here = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(folder, "NuGet.config"), Sources.Replace("HERE", here, StringComparison.Ordinal), Token);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "New.csproj"), Project.Replace("VERSION", version, StringComparison.Ordinal), Token);
        return new(
            Path.Combine(folder, "Program.cs"),
            ["dotnet", "run", "--project", folder, "-p:UseSharedCompilation=false"],
            new Dictionary<string, string>
            {
                ["NUGET_PACKAGES"] = Path.Combine(folder, "packages"), ["MSBUILDDISABLENODEREUSE"] = "1",
            });
    }

    /// <summary>Runs these lines, which have to end well, and returns what they printed.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(string lines)
    {
        await File.WriteAllTextAsync(Source, lines, Token);
        await using var process = ExampleProcess.Start(Command, Environment);
        await process.EndsWellAsync();
        return process.Lines;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
