#include "support/certificates.hpp"

#include <fstream>
#include <stdexcept>
#include <vector>

#include "support/process.hpp"

namespace flowrra::test {
namespace {

// The command that makes NAME.pem and NAME.key with the extensions of [section]. Signed by `signer`, itself if empty.
void make_certificate(const std::filesystem::path& folder, const std::string& name, const std::string& section,
                      const std::string& signer) {
  Command command;
  command.folder = folder.string();
  command.line = {"openssl",
                  "req",
                  "-x509",
                  "-config",
                  "openssl.cnf",
                  "-newkey",
                  "ec",
                  "-pkeyopt",
                  "ec_paramgen_curve:prime256v1",
                  "-nodes",
                  "-days",
                  "1",
                  "-subj",
                  "/CN=flowrra test " + name,
                  "-extensions",
                  section,
                  "-keyout",
                  name + ".key",
                  "-out",
                  name + ".pem"};
  if (!signer.empty()) command.line.insert(command.line.end(), {"-CA", signer + ".pem", "-CAkey", signer + ".key"});
  const Outcome outcome = run(command);
  if (outcome.code() != 0) throw std::runtime_error("openssl makes no certificate: " + outcome.err);
}

}  // namespace

Certificates Certificates::make(const std::filesystem::path& folder, const std::string& names) {
  std::ofstream(folder / "openssl.cnf") << "[req]\ndistinguished_name = name\n[name]\n"
                                        << "[authority]\nbasicConstraints = critical,CA:TRUE\n"
                                        << "subjectKeyIdentifier = hash\nkeyUsage = keyCertSign,cRLSign\n"
                                        << "[server]\nbasicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\n"
                                        << "subjectAltName = " << names << "\n"
                                        << "[client]\nbasicConstraints = CA:FALSE\nextendedKeyUsage = clientAuth\n";
  make_certificate(folder, "ca", "authority", "");
  make_certificate(folder, "other-ca", "authority", "");
  make_certificate(folder, "server", "server", "ca");
  make_certificate(folder, "client", "client", "ca");
  return {folder / "ca.pem",     folder / "server.pem", folder / "server.key",
          folder / "client.pem", folder / "client.key", folder / "other-ca.pem"};
}

}  // namespace flowrra::test
