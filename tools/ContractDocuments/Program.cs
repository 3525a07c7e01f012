using VoiceWorker.ContractDocuments;

// Writes the documents of the contracts into the folder that is named.
if (args is not [var folder])
{
    Console.Error.WriteLine("usage: ./contracts");
    return 2;
}

foreach (var (name, text) in Documents.All())
{
    File.WriteAllText(Path.Combine(folder, name), text);
    Console.WriteLine(Path.Combine(folder, name));
}

return 0;
