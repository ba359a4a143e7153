-- Every film that comes to the archive goes on to the program, but for what the program itself sent.
function OnStoredInstance(instance, tags, metadata, origin)
  if origin['RequestOrigin'] == 'DicomProtocol' and origin['RemoteAet'] == 'COVIDCXR' then
    return
  end

  if tags['Modality'] == 'CR' or tags['Modality'] == 'DX' then
    SendToModality(instance, 'covidcxr')
  end
end
