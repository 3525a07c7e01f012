using VoiceWorker.ContractDocuments;

// Writes the documents of the contracts, and what the clients know of them, below the repository's root.
if (args is not [var root])
{
    Console.Error.WriteLine("usage: ./contracts");
    return 2;
}

var documents = Documents.All().Select(document => KeyValuePair.Create($"docs/contracts/{document.Key}", document.Value));
foreach (var (file, text) in documents.Concat(GeneratedSources.All()))
{
    File.WriteAllText(Path.Combine(root, file), text);
    Console.WriteLine(file);
}

return 0;
