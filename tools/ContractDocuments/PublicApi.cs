using System.Reflection;
using PublicApiGenerator;

namespace VoiceWorker.ContractDocuments;

/// <summary>What a package promises to the programs that are compiled with it.</summary>
internal static class PublicApi
{
    /// <summary>Its public types and members, as C#.</summary>
    public static string Of(Assembly assembly) => assembly.GeneratePublicApi(new ApiGeneratorOptions
    {
        IncludeAssemblyAttributes = false,
    }).ReplaceLineEndings("\n") + "\n";
}
