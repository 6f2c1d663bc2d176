/** Image of the jobs whose containers are mocks. */
export const MOCK_IMAGE = 'dagwright-mock'
