# The released static program and nothing else: no shell, no package manager. git is needed for the ledger and for fetching;
# jobs that use those run the action on a runner, or add the program to an image of their own.
FROM scratch
ARG TARGETARCH
COPY ${TARGETARCH}/detente /detente
USER 65532:65532
ENTRYPOINT ["/detente"]
